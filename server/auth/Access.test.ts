import { beforeEach, describe, expect, test } from "vitest"
import { type FakeClock, fakeClock } from "@/lib/testing/fakeClock"
import { MemoryAccessStore } from "@/server/store/memory/MemoryAccessStore"
import { Access } from "./Access"
import { mintToken } from "./token"

let clock: FakeClock
let store: MemoryAccessStore
let access: Access

const iso = () => new Date(clock.now()).toISOString()
async function aToken(more: { expires_at?: string } = {}) {
  const made = mintToken({ name: "t", write: [], read: "all", control: false, mint: false, ...more }, iso())
  await store.addToken(made.row)
  // Waits longer than the minimum interval between two lookups of an unknown token.
  await clock.advanceAsync(300)
  return made
}

beforeEach(async () => {
  clock = fakeClock()
  store = new MemoryAccessStore()
  access = new Access({ auth: "token", store, clock })
  await access.open()
})

describe("tokens", () => {
  test("S3 S4: have 256 random bits and are stored only as a hash", async () => {
    const { token, row } = await aToken()
    expect(token).toMatch(/^tl_[0-9a-f]{16}_[\w-]{43}$/)
    expect(JSON.stringify(row)).not.toContain(token.split("_").at(-1))
    expect((await aToken()).token).not.toBe(token)
  })

  test("a token created by another process works immediately", async () => {
    const made = mintToken({ name: "t", write: [], read: "own", control: false, mint: false }, iso())
    await clock.advanceAsync(900)
    await access.authenticate({ token: made.token })
    await store.addToken(made.row)
    const seen = access.authenticate({ token: made.token })
    await clock.advanceAsync(250)
    expect(await seen).toMatchObject({ identity: { principal: { name: "t" } } })
  })

  test("S4: a correct id with a wrong secret is refused", async () => {
    const { token } = await aToken()
    await clock.advanceAsync(1_000)
    const wrong = token.slice(0, -1) + (token.endsWith("A") ? "B" : "A")
    expect(await access.authenticate({ token: wrong })).toEqual({ refused: "wrong" })
    expect(await access.authenticate({ token: "" })).toEqual({ refused: "wrong" })
    expect(await access.authenticate({})).toEqual({ refused: "missing" })
  })

  test("many concurrent invalid tokens cause one read of the store, and the next one 250 ms later", async () => {
    const reads: number[] = []
    const list = store.listTokens.bind(store)
    store.listTokens = () => {
      reads.push(clock.monotonic())
      return list()
    }
    await clock.advanceAsync(400)
    const { token } = mintToken({ name: "x", write: [], read: "own", control: false, mint: false }, iso())
    const knock = () => Promise.all(Array.from({ length: 100 }, () => access.authenticate({ token })))
    await knock()
    const second = knock()
    await clock.advanceAsync(250)
    for (const seen of await second) expect(seen).toEqual({ refused: "wrong" })
    expect(reads).toEqual([400, 650])
  })

  test("S8: a revoked token is refused within 2 s, and its connections are closed", async () => {
    const { token, row } = await aToken()
    const seen = await access.authenticate({ token })
    if (!("identity" in seen)) throw new Error("not admitted")
    expect(access.isStillValid(seen.identity)).toBe(true)
    await store.revokeTokens(row.token_id, iso())
    await clock.advanceAsync(2_000)
    expect(access.isStillValid(seen.identity)).toBe(false)
    expect(await access.authenticate({ token })).toEqual({ refused: "wrong" })
  })

  test("an expired token is refused", async () => {
    const { token } = await aToken({ expires_at: new Date(clock.now() + 5_000).toISOString() })
    const seen = await access.authenticate({ token })
    if (!("identity" in seen)) throw new Error("not admitted")
    await clock.advanceAsync(5_000)
    expect(access.isStillValid(seen.identity)).toBe(false)
    expect(await access.authenticate({ token })).toEqual({ refused: "wrong" })
  })

  test("known tokens keep working while the store can't be read", async () => {
    const { token } = await aToken()
    await clock.advanceAsync(1_000)
    store.listTokens = () => Promise.reject(new Error("locked"))
    await clock.advanceAsync(10_000)
    expect(await access.authenticate({ token })).toHaveProperty("identity")
  })
})

describe("sessions", () => {
  test("a cookie has the rights of its token, and is stored as a hash", async () => {
    const { token } = await aToken()
    const cookie = (await access.signIn(token)) ?? ""
    expect(cookie).toMatch(/^[\w-]{43}$/)
    expect(await store.findSession(cookie)).toBeUndefined()
    const seen = await access.authenticate({ cookie })
    expect(seen).toMatchObject({ identity: { principal: { name: "t" }, session: {} } })
  })

  test("an invalid token can't sign in", async () => {
    expect(await access.signIn("tl_x_y")).toBeUndefined()
  })

  test("S8: ends at sign-out, after 30 days, and with its token", async () => {
    const { token, row } = await aToken()
    const admit = async (cookie: string) => access.authenticate({ cookie })
    const [first, second, third] = [
      (await access.signIn(token)) ?? "",
      (await access.signIn(token)) ?? "",
      (await access.signIn(token)) ?? "",
    ]
    const seen = await admit(first)
    if (!("identity" in seen) || !seen.identity.session) throw new Error("no session")
    await access.signOut(seen.identity.session)
    expect(await admit(first)).toEqual({ refused: "ended" })
    expect(await admit(second)).toHaveProperty("identity")
    await store.revokeTokens(row.name, iso())
    await clock.advanceAsync(2_000)
    expect(await admit(second)).toEqual({ refused: "ended" })
    clock.jump(31 * 86_400_000)
    expect(await admit(third)).toEqual({ refused: "ended" })
  })

  test("a connection doesn't outlive its session", async () => {
    const { token } = await aToken()
    const seen = await access.authenticate({ cookie: (await access.signIn(token)) ?? "" })
    if (!("identity" in seen)) throw new Error("not admitted")
    clock.jump(29 * 86_400_000)
    expect(access.isStillValid(seen.identity)).toBe(true)
    clock.jump(2 * 86_400_000)
    expect(access.isStillValid(seen.identity)).toBe(false)
  })
})

test("with auth none, everybody can write, read and control, but not create tokens", async () => {
  const everybody = new Access({ auth: "none", store, clock })
  expect(await everybody.authenticate({})).toMatchObject({
    identity: { principal: { write: ["*"], read: "all", control: true, mint: false } },
  })
})
