import type { IncomingHttpHeaders } from "node:http"
import { isIP } from "node:net"

/**
 * The address that a request comes from, as far as it can be believed: past `hops` proxies, each of which adds the
 * address of its own client at the end of `X-Forwarded-For`. An IPv6 address stands for its /64, which is one household's.
 */
export function clientAddress(
  headers: IncomingHttpHeaders,
  remoteAddress: string | undefined,
  hops: number,
): string {
  const forwarded = String(headers["x-forwarded-for"] ?? "")
    .split(",")
    .map((part) => part.trim())
  // Only the last `hops` entries were written by proxies of ours; what stands before them a client may invent.
  const told = hops > 0 ? forwarded.at(-hops) : undefined
  return household(told !== undefined && isIP(told) !== 0 ? told : (remoteAddress ?? ""))
}

function household(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1]
  if (mapped !== undefined) return mapped
  if (isIP(address) !== 6) return address
  const [head = "", tail] = (address.split("%")[0] ?? "").toLowerCase().split("::")
  const groups = head === "" ? [] : head.split(":")
  const after = tail === undefined || tail === "" ? [] : tail.split(":")
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - groups.length - after.length)
  const all = [...groups, ...Array.from({ length: zeros }, () => "0"), ...after]
  return `${all
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":")}::/64`
}
