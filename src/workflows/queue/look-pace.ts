// How often a queue is looked at. Milliseconds.

/** A NOTIFY is a hint only: it does not arrive behind some poolers. */
export const lookEvery = 30_000;

/** From one look to the next: any role may notify, and who does it without end must not keep the server busy through steep. */
export const lookAtMostEvery = 250;
