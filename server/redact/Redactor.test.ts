import { randomBytes } from "node:crypto"
import fc from "fast-check"
import { describe, expect, test, vi } from "vitest"
import * as detectors from "./hideSecrets"
import { isSecretName } from "./isSecretName"
import { mayHoldSecrets } from "./mayHoldSecrets"
import { Redactor } from "./Redactor"

const redactor = new Redactor(Buffer.alloc(32, 1))
// Built at run time, so that secret scanners don't flag this file.
const long = (prefix: string, length: number) => prefix + "Ab3dEf7h".repeat(40).slice(0, length)
const PEM = `-----BEGIN RSA ${"PRIVATE"} KEY-----\nMIIEabc\n+/def==\n-----END RSA ${"PRIVATE"} KEY-----`
const SECRETS: [kind: string, secret: string][] = [
  ["aws", `AKIA${"A2B3C4D5E6F7G8H9"}`],
  ["github", long("ghp_", 36)],
  ["github", long("github_pat_", 60)],
  ["gitlab", long("glpat-", 20)],
  ["slack", `xoxb-${"123456789012"}-abcdefGHIJKL`],
  ["anthropic", long("sk-ant-api03-", 80)],
  ["openai", long("sk-proj-", 60)],
  ["openai", long("sk-", 48)],
  ["stripe", long("sk_live_", 24)],
  ["google", long("AIza", 35)],
  ["npm", long("npm_", 36)],
  ["huggingface", long("hf_", 34)],
  ["turnline", long("tl_0123456789abcdef_", 43)],
  ["jwt", `${long("eyJ", 20)}.${long("eyJ", 40)}.${long("", 43)}`],
  ["private-key", PEM],
]

describe("a secret recognized by its form", () => {
  test.each(SECRETS)("S18: %s is redacted at any position", (kind, secret) => {
    const mark = redactor.text(secret)
    expect(mark).toMatch(new RegExp(`^\\[redacted:${kind}:[0-9a-f]{8}\\]$`))
    const around: [string, string][] = [
      ["", ""],
      ["export X=", " && run"],
      ['{"a":"', '"}'],
      ["line\n", "\nline"],
      ["(", ")"],
      ["übrigens ", " — so"],
      ["https://host/?q=", "&r=1"],
    ]
    for (const [before, after] of around) expect(redactor.text(before + secret + after)).not.toContain(secret)
    const turn = { message: "kept", output: { deep: [1, { text: `see ${secret}.` }] }, [secret]: true }
    const safe = redactor.value(turn)
    expect(JSON.stringify(safe)).not.toContain(JSON.stringify(secret).slice(1, -1))
    expect(safe).toMatchObject({
      message: "kept",
      output: { deep: [1, { text: `see ${mark}.` }] },
      [mark]: true,
    })
  })

  test.each(SECRETS)("%s is redacted in JSON within a text, with any number of escapes", (_, secret) => {
    let text = `one\n${secret}\ntwo`
    for (let depth = 0; depth < 4; depth++) {
      text = JSON.stringify({ out: text })
      for (const line of secret.split("\n")) expect(redactor.text(text)).not.toContain(line.slice(0, 30))
    }
  })

  test("the same secret gets the same marker with the same key, and a different one with another key", () => {
    const [, secret] = SECRETS[1] ?? ["", ""]
    const other = new Redactor(randomBytes(32))
    expect(redactor.text(`a ${secret} b ${secret}`)).toMatch(/^a (\S+) b \1$/)
    expect(other.text(secret)).not.toBe(redactor.text(secret))
    expect(redactor.text(redactor.text(secret))).toBe(redactor.text(secret))
  })

  test("a private key without an end is replaced to the end of the text", () => {
    expect(redactor.text(`a ${PEM.slice(0, 50)}`)).toMatch(/^a \[redacted:private-key:\w{8}\]$/)
    expect(redactor.text(`${PEM} between ${PEM} after`)).toMatch(/^\[\S+\] between \[\S+\] after$/)
  })
})

describe("a secret recognized by the text before it", () => {
  test.each([
    ["Authorization: Bearer abcdefgh12345678", "Authorization: Bearer "],
    ["curl -H 'Authorization: Basic dXNlcjpwYXNz'", "curl -H 'Authorization: Basic "],
    ["postgres://user:hunter2@db:5432/x", "postgres://user:"],
    ["DB_PASSWORD=correct-horse", "DB_PASSWORD="],
    ['export AWS_SECRET_ACCESS_KEY="wJalrXUtnFEMI/K7MDENG"', 'export AWS_SECRET_ACCESS_KEY="'],
    ["https://host/x?a=1&access_token=abcdef123&b=2", "https://host/x?a=1&access_token="],
    ["login --password hunter22", "login --password "],
    ["login --api-key=hunter22", "login --api-key="],
    ["a:\n  password: hunter22\nb: 1", "a:\n  password: "],
    ['{"user":"a","password":"x y","n":1}', '{"user":"a","password":"'],
    ["{'api_key': 'shh'}", "{'api_key': '"],
    ['[{"name":"X-Api-Key","value":"shh"}]', '[{"name":"X-Api-Key","value":"'],
  ])("%s", (text, kept) => {
    for (const depth of [0, 1, 2]) {
      let given = text
      let start = kept
      for (let at = 0; at < depth; at++) {
        given = JSON.stringify(given)
        start = JSON.stringify(start).slice(0, -1)
      }
      const safe = redactor.text(given)
      expect(safe.startsWith(`${start}[redacted:`)).toBe(true)
      for (const secret of ["hunter", "horse", "dXNl", "wJal", "abcdef", "x y", "shh"])
        expect(safe).not.toContain(secret)
    }
  })

  test("text after a secret isn't changed", () => {
    expect(redactor.text('{"password":"a\\"b","n":1}')).toMatch(
      /^\{"password":"\[redacted:named:\w{8}\]","n":1\}$/,
    )
    const twice = JSON.stringify(JSON.stringify({ a: { token: 'q"uote' }, b: "kept" }))
    expect(JSON.parse(JSON.parse(redactor.text(twice)))).toEqual({
      a: { token: expect.stringMatching(/^\[redacted:named:/) },
      b: "kept",
    })
  })

  test("values with a secret's name are replaced if they are strings, but not if they are numbers", () => {
    const safe = redactor.value({
      parameters: {
        password: "x",
        "X-Auth-Token": "y",
        apiKey: "z",
        passwords: ["p", "q"],
        token: 12,
        secret: true,
        authorization: { scheme: "kept" },
        headers: [{ name: "Cookie", value: "sid=1" }],
        next_token: "kept",
        tokens: ["kept"],
        secret_name: "kept",
        empty_password: "",
        client_secret: "$CLIENT_SECRET",
      },
    })
    const mark = expect.stringMatching(/^\[redacted:named:[0-9a-f]{8}\]$/)
    expect(safe).toEqual({
      parameters: {
        password: mark,
        "X-Auth-Token": mark,
        apiKey: mark,
        passwords: [mark, mark],
        token: 12,
        secret: true,
        authorization: { scheme: "kept" },
        headers: [{ name: "Cookie", value: mark }],
        next_token: "kept",
        tokens: ["kept"],
        secret_name: "kept",
        empty_password: "",
        client_secret: "$CLIENT_SECRET",
      },
    })
  })
})

test.each([
  "const token = await getToken(password)",
  "function login(user: string, password: string): Promise<void>",
  "interface Config { apiKey: string; token?: string }",
  "apiKey: process.env.API_KEY,",
  "The token limit is 200000 tokens; input_tokens: 123, output_tokens=4567",
  "MAX_TOKENS=100000 PWD=/home/user/project OLDPWD=/home",
  "task-force-of-the-very-long-name and disk-usage-of-everything",
  "commit 3f786850e387550fdab836ed7e6dc881de23001b by a@b.c",
  "http://localhost:5173/@vite/client git+ssh://git@github.com/a/b",
  "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==",
  "Set the password with --password <value> or --token $TOKEN",
  "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
  "a private key is needed; a bearer of news",
  "the secret: never give up",
  "html_content title_case shelf_life npm_config_cache",
])("texts without secrets aren't changed: %s", (text) => {
  expect(redactor.text(text)).toBe(text)
  expect(redactor.value({ output: text, n: 1 })).toEqual({ output: text, n: 1 })
})

test("a value without secrets is returned as the same object; unusual keys and values aren't changed", () => {
  const plain = { a: [1, null, true, "x"], b: { c: "text" } }
  expect(redactor.value(plain)).toBe(plain)
  const odd: unknown = JSON.parse(
    '{"__proto__":{"password":"x"},"constructor":"secret","big":1e308,"z":-0.5}',
  )
  const safe = redactor.value(odd)
  expect(JSON.stringify(safe)).toMatch(
    /^\{"__proto__":\{"password":"\[redacted:named:\w{8}\]"\},"constructor":"secret","big":1e\+308,"z":-0.5\}$/,
  )
})

test("the pre-filter has no false negatives", () => {
  const piece = fc.oneof(
    fc.string({ maxLength: 12, unit: "binary" }),
    fc.constantFrom(...SECRETS.map(([, secret]) => secret)),
    fc.constantFrom(
      "password",
      "token",
      '"',
      "'",
      ":",
      "=",
      " ",
      "\\n",
      "\\",
      "://",
      "@",
      "?",
      "&",
      "--",
      "Bearer ",
      "API_KEY",
    ),
  )
  const texts = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(""))
  fc.assert(
    fc.property(texts, (text) => {
      const hidden = detectors.hideSecrets(text, () => "[hidden]")
      expect(mayHoldSecrets(JSON.stringify(text)) || hidden === text).toBe(true)
    }),
    { numRuns: 2_000 },
  )
  for (const name of [
    "password",
    "X-Api-Key",
    "auth_token",
    "jwt",
    "set-cookie",
    "clientSecret",
    "PASSPHRASE",
  ]) {
    expect(isSecretName(name)).toBe(true)
    expect(mayHoldSecrets(JSON.stringify({ [name]: "x" }))).toBe(true)
  }
})

test("every secret name and form passes the pre-filter, at any position and in any case", () => {
  const names = [
    ...[
      "token",
      "my_token",
      "cookie",
      "apikey",
      "api-key",
      "API KEY",
      "access_key",
      "private key",
      "signing.key",
    ],
    ...["encryptionKey", "password", "passwd", "passphrase", "passcode", "db_pass=", "pwd", "authorization"],
    ...[
      "secret",
      "credential",
      "jwt",
      "bearer",
      "sig=",
      "signature=",
      "auth=",
      "to\u212aen",
      "pa\u017f\u017fword",
    ],
  ]
  const filler = fc.string({ maxLength: 40, unit: "binary" }).map((text) => JSON.stringify(text).slice(1, -1))
  const recased = fc
    .tuple(fc.constantFrom(...names), fc.array(fc.boolean(), { minLength: 16, maxLength: 16 }))
    .map(([name, upper]) => [...name].map((one, at) => (upper[at] ? one.toUpperCase() : one)).join(""))
  const form = fc.constantFrom(...SECRETS.map(([, secret]) => JSON.stringify(secret).slice(1, -1)))
  fc.assert(
    fc.property(filler, fc.oneof(recased, form), filler, (before, suspect, after) => {
      expect(mayHoldSecrets(`${before}${suspect} ${after}`)).toBe(true)
    }),
    { numRuns: 2_000 },
  )
})

test("megabytes of incomplete secrets take linear time", () => {
  const pieces = [
    "eyJ",
    "eyJabcdefghij.",
    "sk-",
    "ghp_",
    "AKIA",
    "://a:",
    "://",
    "-----BEGIN ",
    "private key ",
    "-----BEGIN PRIVATE KEY",
    "password",
    "password=",
    "PASSWORD_",
    '"password":',
    '\\"',
    "'token'",
    "bearer ",
    "authorization: ",
    "--a-",
    "?a_a_",
    "\\n- a",
    "\n\t",
    "token:\n",
    "xoxb-",
    "TOKEN",
    "a_a-",
    '"name":"token","value":',
  ]
  for (const piece of pieces) redactor.text(piece.repeat(Math.ceil(1_000_000 / piece.length)))
  redactor.text(`${"\\".repeat(1_000_000)}"password":"x`)
  redactor.text(`"password":"${"\\".repeat(1_000_000)}`)
})

test("S18: if a rule throws, the whole text is replaced", () => {
  const broken = new Redactor(Buffer.alloc(32))
  const spy = vi.spyOn(String.prototype, "matchAll").mockImplementation(() => {
    throw new Error("broken rule")
  })
  const safe = broken.value({
    kind: "tool",
    output: `password ${SECRETS[1]?.[1]}`,
    n: 1,
    other: "kept as it is",
  })
  spy.mockRestore()
  expect(safe).toEqual({ kind: "tool", output: "[redacted:error:00000000]", n: 1, other: "kept as it is" })
})
