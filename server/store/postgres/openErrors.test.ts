import { Client } from "pg"
import { expect, test } from "vitest"
import { aNewRun } from "@/server/store/testing/storeSamples"
import { checkServer } from "./openErrors"
import { openPostgresAccessStore } from "./openPostgresAccessStore"
import { openPostgresRunStore } from "./PostgresRunStore"
import { describeWithPostgres } from "./testing/describeWithPostgres"

const PASSWORD = "se-cret"

describeWithPostgres("opening a PostgreSQL database", (databases) => {
  /** Returns the server's address with some parts replaced. */
  async function addressWith(change: (url: URL) => void): Promise<string> {
    const url = new URL(await databases.create())
    url.search = ""
    change(url)
    return url.href
  }
  async function asSuperuser(...statements: string[]): Promise<void> {
    const client = new Client({ connectionString: await databases.create() })
    await client.connect()
    try {
      for (const statement of statements) await client.query(statement)
    } finally {
      await client.end()
    }
  }
  const ownName = (what: string) => `${what}_${process.pid}_${Date.now().toString(36)}`
  async function whatItSays(url: string): Promise<string> {
    const errors = await Promise.all(
      [openPostgresRunStore({ url }), openPostgresAccessStore(url)].map((opening) =>
        opening.then(
          () => new Error("it opens"),
          (error: Error) => error,
        ),
      ),
    )
    expect(errors[1]?.message).toBe(errors[0]?.message)
    expect(errors[0]?.name).toBe("DatabaseUnusableError")
    expect(errors[0]?.message).not.toContain(PASSWORD)
    return errors[0]?.message ?? ""
  }

  test("a role that only owns an empty database is sufficient", async () => {
    const role = ownName("role")
    await asSuperuser(
      `CREATE ROLE ${role} LOGIN PASSWORD '${PASSWORD}'`,
      `CREATE DATABASE ${role} OWNER ${role}`,
    )
    const url = await addressWith((address) => {
      address.username = role
      address.password = PASSWORD
      address.pathname = role
    })
    const store = await openPostgresRunStore({ url })
    expect((await store.start(aNewRun())).created).toBe(true)
    await store.close()
    await asSuperuser(`DROP DATABASE ${role} WITH (FORCE)`, `DROP ROLE ${role}`)
  })

  test("the error for a role that may not create tables names the role and the missing privilege", async () => {
    const role = ownName("guest")
    await asSuperuser(
      `CREATE ROLE ${role} LOGIN PASSWORD '${PASSWORD}'`,
      `CREATE SCHEMA ${role} AUTHORIZATION current_user`,
      `GRANT USAGE ON SCHEMA ${role} TO ${role}`,
    )
    const url = await addressWith((address) => {
      address.username = role
      address.password = PASSWORD
      address.searchParams.set("options", `-csearch_path=${role}`)
    })
    expect(await whatItSays(url)).toMatch(
      /^Role guest_\S+ lacks a privilege in database \S+ at .*permission denied for schema/,
    )
    await asSuperuser(`DROP SCHEMA ${role}`, `DROP ROLE ${role}`)
  })

  test("a wrong password", async () => {
    const url = await addressWith((address) => {
      address.password = PASSWORD
    })
    expect(await whatItSays(url)).toMatch(
      /^PostgreSQL at \S+ refuses the password of role \S+ Check DATABASE_URL\.$/,
    )
  })

  test("a database that doesn't exist", async () => {
    const url = await addressWith((address) => {
      address.pathname = "nowhere"
    })
    expect(await whatItSays(url)).toMatch(/has no database nowhere\. Create it \(createdb nowhere --owner/)
  })

  test("a schema that doesn't exist", async () => {
    const url = await addressWith((address) => address.searchParams.set("options", "-csearch_path=nowhere"))
    expect(await whatItSays(url)).toMatch(/has no schema that role \S+ can create tables in/)
  })

  test("a server that doesn't speak TLS", async () => {
    const url = await addressWith((address) => address.searchParams.set("sslmode", "require"))
    expect(await whatItSays(url)).toMatch(/doesn't speak TLS.*sslmode=disable/)
  })

  test("a port where nothing listens, and a host that doesn't exist", async () => {
    const closed = await addressWith((address) => {
      address.port = "1"
    })
    expect(await whatItSays(closed)).toMatch(/^Nothing is listening at \S+:1\./)
    const unknown = await addressWith((address) => {
      address.hostname = "turnline.invalid"
    })
    expect(await whatItSays(unknown)).toMatch(/turnline\.invalid/)
  })
})

test("a server that is too old, or an encoding that can't represent all texts, is refused", async () => {
  const server = (row: object) => ({ query: async () => ({ rows: [row] }) }) as unknown as Client
  await expect(checkServer(server({ major: 13, version: "13.4", encoding: "UTF8" }))).rejects.toThrow(
    "This is PostgreSQL 13.4. Turnline needs 14 or newer.",
  )
  await expect(checkServer(server({ major: 15, version: "15.1", encoding: "SQL_ASCII" }))).rejects.toThrow(
    /encoding is SQL_ASCII/,
  )
  await checkServer(server({ major: 15, version: "15.1", encoding: "UTF8" }))
})
