/** The protocol version of this code. Handshakes may include it. */
export const PROTOCOL_VERSION = 1
