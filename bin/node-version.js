// Whether this Node can run steep. An older one would fail at a module that it does not have, with a message that names
// neither Node nor the version that is needed.

/**
 * What to say where this Node is too old; null: it is not.
 * @param {string} running such as 22.15.0
 * @param {string} needed as package.json says it: >=22.15.0
 * @returns {string | null}
 */
export const nodeTooOld = (running, needed) => {
  const [major = 0, minor = 0] = running.split('.').map(Number);
  const [firstMajor = 0, firstMinor = 0] = needed.replace(/^>=/, '').split('.').map(Number);
  if (major > firstMajor || (major === firstMajor && minor >= firstMinor)) return null;
  return `steep needs Node ${firstMajor}.${firstMinor} or later, and this is Node ${running}.`;
};
