// What a user is told once, wherever in steep it is found out: a message on a channel of node:diagnostics_channel.

/** Messages are whole sentences. */
export const warningChannel = 'steep.warning';
