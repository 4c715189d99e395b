import { expect, test } from "vitest"
import { clientAddress } from "./clientAddress"

const of = (forwarded: string | undefined, remote: string, hops: number) =>
  clientAddress(forwarded === undefined ? {} : { "x-forwarded-for": forwarded }, remote, hops)

test("without proxies, X-Forwarded-For is ignored", () => {
  expect(of("6.6.6.6", "1.2.3.4", 0)).toBe("1.2.3.4")
  expect(of(undefined, "::ffff:1.2.3.4", 0)).toBe("1.2.3.4")
})

test("behind proxies, only the entries that they appended are trusted", () => {
  expect(of("6.6.6.6, 9.9.9.9", "10.0.0.1", 1)).toBe("9.9.9.9")
  expect(of("6.6.6.6, 9.9.9.9, 10.0.0.2", "10.0.0.1", 2)).toBe("9.9.9.9")
  // The client bypassed the outer proxy, and the inner proxy appended the client's address.
  expect(of("9.9.9.9", "10.0.0.1", 2)).toBe("9.9.9.9")
  expect(of("not an address", "10.0.0.1", 1)).toBe("10.0.0.1")
  expect(of(undefined, "10.0.0.1", 1)).toBe("10.0.0.1")
})

test("IPv6 addresses are reduced to their /64", () => {
  const first = of(undefined, "2001:db8:0:1::1", 0)
  expect(of(undefined, "2001:0db8::0001:ffff:2:3:4", 0)).toBe(first)
  expect(of(undefined, "2001:db8:0:2::1", 0)).not.toBe(first)
  expect(of(undefined, "::1", 0)).toBe("0:0:0:0::/64")
  expect(of(undefined, "fe80::1%eth0", 0)).toBe("fe80:0:0:0::/64")
})
