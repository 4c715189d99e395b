import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Readable, Writable } from "node:stream"
import { BROWSER_ARGS, findBrowser } from "@/scripts/browser.mjs"
import { Tab } from "./Tab"

type Message = {
  id?: number
  method?: string
  params?: unknown
  sessionId?: string
  result?: unknown
  error?: { message: string }
}
type EventListener = (method: string, params: unknown) => void

/**
 * A Chromium controlled over a pipe, without the flags that test tools add: as in a user's browser, background tabs are
 * hidden and their timers are throttled.
 */
export class Browser {
  readonly #child: ChildProcess
  readonly #profile: string
  readonly #answers = new Map<number, (message: Message) => void>()
  readonly #sessions = new Map<string, EventListener>()
  readonly #own = new Set<EventListener>()
  #ids = 0

  constructor(size: { width: number; height: number }) {
    this.#profile = mkdtempSync(join(tmpdir(), "turnline-browser-"))
    const path = findBrowser()
    if (path === undefined) throw new Error("Chromium wasn't found. Set CHROMIUM_PATH.")
    const args = [
      ...BROWSER_ARGS,
      "--headless",
      "--remote-debugging-pipe",
      `--user-data-dir=${this.#profile}`,
      `--window-size=${size.width},${size.height}`,
      "--js-flags=--expose-gc",
      "about:blank",
    ]
    this.#child = spawn(path, args, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] })
    process.once("exit", () => this.#child.kill("SIGKILL"))
    const from = this.#child.stdio[4] as Readable
    let text = ""
    from.setEncoding("utf8").on("data", (part: string) => {
      const lines = (text + part).split("\0")
      text = lines.pop() ?? ""
      for (const line of lines) this.#take(JSON.parse(line) as Message)
    })
  }

  get pid(): number {
    return this.#child.pid ?? -1
  }

  #take(message: Message): void {
    if (message.id !== undefined) {
      this.#answers.get(message.id)?.(message)
      this.#answers.delete(message.id)
    } else if (message.method !== undefined) {
      if (message.sessionId === undefined)
        for (const listener of this.#own) listener(message.method, message.params)
      else this.#sessions.get(message.sessionId)?.(message.method, message.params)
    }
  }

  /** Sends a DevTools command; rejects with its error. */
  send<T = unknown>(method: string, params: object = {}, sessionId?: string): Promise<T> {
    const id = ++this.#ids
    const to = this.#child.stdio[3] as Writable
    to.write(`${JSON.stringify({ id, method, params, ...(sessionId !== undefined && { sessionId }) })}\0`)
    return new Promise((resolve, reject) => {
      this.#answers.set(id, ({ error, result }) => {
        if (error !== undefined) reject(new Error(`${method}: ${error.message}`))
        else resolve(result as T)
      })
    })
  }

  /** Subscribes to the browser's own events. Returns an unsubscribe function. */
  on(listener: EventListener): () => void {
    this.#own.add(listener)
    return () => this.#own.delete(listener)
  }

  /** Opens a tab in the foreground. `script` runs before each document's own scripts. */
  async open(script: string): Promise<Tab> {
    const { targetId } = await this.send<{ targetId: string }>("Target.createTarget", { url: "about:blank" })
    const attached = await this.send<{ sessionId: string }>("Target.attachToTarget", {
      targetId,
      flatten: true,
    })
    const { sessionId } = attached
    const tab = new Tab(this, targetId, sessionId)
    this.#sessions.set(sessionId, (method, params) => tab.take(method, params))
    await tab.begin(script)
    return tab
  }

  forget(sessionId: string): void {
    this.#sessions.delete(sessionId)
  }

  async close(): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once("exit", resolve))
    await this.send("Browser.close").catch(() => this.#child.kill("SIGKILL"))
    await gone
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  }
}
