import type { EncodedEvent } from "@/server/fanout/Subscriber"

/** A WebSocket frame: its header and its payload. */
export type Frame = [Buffer, Buffer]

/** The prefix with which engine.io marks a message. */
export const PACKET_TYPE = "4"

const frames = new WeakMap<EncodedEvent, Frame>()

/**
 * Encodes an event as a Socket.IO packet. `2` means an event in the default namespace. engine.io adds `PACKET_TYPE`.
 */
export function packetOf({ name, json }: EncodedEvent): string {
  return `2["${name}",${json}]`
}

/** Returns the WebSocket frame of an event. An event is framed only once for all connections. */
export function frameOf(event: EncodedEvent): Frame {
  const known = frames.get(event)
  if (known !== undefined) return known
  const payload = Buffer.from(PACKET_TYPE + packetOf(event))
  const frame: Frame = [textFrameHeader(payload.length), payload]
  frames.set(event, frame)
  return frame
}

/** Returns the header of an unfragmented, unmasked text frame (RFC 6455, section 5.2). */
function textFrameHeader(length: number): Buffer {
  const isShort = length < 126
  const isMedium = length < 65_536
  const header = Buffer.alloc(isShort ? 2 : isMedium ? 4 : 10)
  header[0] = 0x81
  header[1] = isShort ? length : isMedium ? 126 : 127
  if (!isShort && isMedium) header.writeUInt16BE(length, 2)
  else if (!isShort) header.writeBigUInt64BE(BigInt(length), 2)
  return header
}
