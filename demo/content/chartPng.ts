import { crc32, deflateSync } from "node:zlib"

const BACKGROUND = [247, 249, 252]
const BAR = [59, 108, 214]
const BAR_PX = 16
const GAP_PX = 8
const HEIGHT_PX = 120

/** A bar chart as a PNG in base64. Values are between 0 and 1. */
export function chartPng(values: readonly number[]): string {
  const width = values.length * (BAR_PX + GAP_PX) + GAP_PX
  const rows: number[] = []
  for (let y = 0; y < HEIGHT_PX; y++) {
    rows.push(0)
    for (let x = 0; x < width; x++) {
      const isBar = x % (BAR_PX + GAP_PX) >= GAP_PX
      const value = values[Math.floor(x / (BAR_PX + GAP_PX))] ?? 0
      rows.push(...(isBar && HEIGHT_PX - y <= value * HEIGHT_PX ? BAR : BACKGROUND))
    }
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(HEIGHT_PX, 4)
  header.set([8, 2, 0, 0, 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const data = deflateSync(Buffer.from(rows))
  const chunks = [chunk("IHDR", header), chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))]
  return Buffer.concat([signature, ...chunks]).toString("base64")
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}
