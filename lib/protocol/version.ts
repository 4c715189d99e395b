/** The version of the wire protocol that this code speaks; a handshake may name it. */
export const PROTOCOL_VERSION = 1
