import type { IncomingHttpHeaders, IncomingMessage } from "node:http"
import { isIP } from "node:net"
import ipaddr from "ipaddr.js"
import proxyAddr from "proxy-addr"

/**
 * Determines the client's address behind `hops` trusted proxies, each of which appends the address that connected to it
 * to `X-Forwarded-For`. IPv6 addresses are reduced to their /64, because one household or host usually owns a whole /64.
 *
 * @returns an IPv4 address, an IPv6 prefix such as `2001:db8:0:1::/64`, or `""` if the socket is already closed.
 */
export function clientAddress(
  headers: IncomingHttpHeaders,
  remoteAddress: string | undefined,
  hops: number,
): string {
  if (remoteAddress === undefined) return ""
  const request = { headers, socket: { remoteAddress }, connection: { remoteAddress } }
  // proxy-addr only reads these fields, but its type requires a complete request.
  const forwarded = proxyAddr(request as unknown as IncomingMessage, (_, index) => index < hops)
  return normalize(isIP(forwarded) === 0 ? remoteAddress : forwarded)
}

function normalize(address: string): string {
  if (!ipaddr.isValid(address)) return address
  const parsed = ipaddr.process(address)
  if (!(parsed instanceof ipaddr.IPv6)) return parsed.toString()
  const prefix = parsed.parts.slice(0, 4).map((part) => part.toString(16))
  return `${prefix.join(":")}::/64`
}
