import { execFileSync } from "node:child_process"
import { randomBytes } from "node:crypto"
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { join } from "node:path"

const DEBIAN = "/usr/lib/postgresql"
/** PostgreSQL refuses to run as root. If this script runs as root, it uses the first of these users that exists. */
const USERS = ["postgres", "nobody"]

/** Returns the folder with the programs of the newest PostgreSQL; undefined if none is installed. */
export function findPostgres() {
  const named = process.env.TURNLINE_PG_BIN
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : []
  const onPath = (process.env.PATH ?? "").split(":")
  const folders = named ? [named] : [...versions.map((version) => join(DEBIAN, version, "bin")), ...onPath]
  return folders.find((folder) =>
    ["initdb", "pg_ctl", "postgres"].every((name) => existsSync(join(folder, name))),
  )
}

/** Returns the reason why tests can't start PostgreSQL here; undefined if they can. */
export function whyNoPostgres() {
  if (findPostgres() === undefined) return "no PostgreSQL is installed"
  if (process.getuid?.() === 0 && findUser() === undefined)
    return "PostgreSQL doesn't run as root, and no other user was found"
  return undefined
}

/**
 * Creates and starts a private PostgreSQL server in a folder, on a free loopback port and with durable commits as in
 * production. The server runs until any process calls `stopPostgres` or `removePostgres`.
 *
 * @returns the URL of its database, for a superuser.
 */
export async function startPostgres(folder, settings = {}) {
  const data = join(folder, "data")
  const password = randomBytes(16).toString("hex")
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  const user = findUser()
  if (user) chownSync(folder, user.uid, user.gid)
  const passwordFile = join(folder, "password")
  writeFileSync(passwordFile, password, { mode: 0o600 })
  if (user) chownSync(passwordFile, user.uid, user.gid)
  runProgram("initdb", [
    ...["-D", data, "-U", "turnline", "--encoding=UTF8", "--locale=C"],
    ...["--auth=scram-sha-256", `--pwfile=${passwordFile}`, "--no-instructions"],
  ])
  const port = await freePort()
  const url = `postgres://turnline:${password}@127.0.0.1:${port}/postgres`
  writeFileSync(join(folder, "port"), String(port))
  writeFileSync(join(folder, "settings.json"), JSON.stringify(settings))
  startAgain(folder)
  return url
}

/** Restarts a stopped server on the same port. */
export function startAgain(folder) {
  const port = readFileSync(join(folder, "port"), "utf8")
  const settings = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    fsync: "on",
    max_connections: 200,
    ...JSON.parse(readFileSync(join(folder, "settings.json"), "utf8")),
  }
  const options = Object.entries(settings).map(([name, value]) => `-c ${name}='${value}'`)
  const data = join(folder, "data")
  runProgram("pg_ctl", [
    "-D",
    data,
    "-w",
    "-l",
    join(folder, "log"),
    "-o",
    [`-p ${port}`, ...options].join(" "),
    "start",
  ])
}

/**
 * Stops a server. `fast` closes connections cleanly; `immediate` simulates a crash. Does nothing if the server isn't
 * running.
 */
export function stopPostgres(folder, mode = "fast") {
  if (!existsSync(join(folder, "data", "postmaster.pid"))) return
  runProgram("pg_ctl", ["-D", join(folder, "data"), "-w", "-m", mode, "stop"])
}

/** Stops a server and deletes its folder. */
export function removePostgres(folder) {
  if (!existsSync(folder)) return
  try {
    stopPostgres(folder, "immediate")
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Returns the user to run PostgreSQL as; undefined for the current user. */
function findUser() {
  if (process.getuid?.() !== 0) return undefined
  const known = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"))
  const found = USERS.map((name) => known.find(([user]) => user === name)).find((line) => line !== undefined)
  return found && { uid: Number(found[2]), gid: Number(found[3]) }
}

function runProgram(name, args) {
  const user = findUser()
  try {
    // The working directory must be one that every user can access.
    execFileSync(join(findPostgres(), name), args, {
      cwd: "/",
      env: { PATH: process.env.PATH, LC_ALL: "C" },
      stdio: ["ignore", "ignore", "pipe"],
      ...(user && { uid: user.uid, gid: user.gid }),
    })
  } catch (error) {
    throw new Error(`${name} failed: ${error.stderr ?? error.message}`)
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}
