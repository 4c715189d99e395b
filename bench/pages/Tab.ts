/** The methods of a browser that a tab uses. */
type TabHost = {
  send<T = unknown>(method: string, params?: object, sessionId?: string): Promise<T>
  on(listener: (method: string, params: unknown) => void): () => void
  forget(sessionId: string): void
}

/** The CPU time of a tab's main thread since it was opened, in seconds by kind of work, and its heap in bytes. */
export type TabMetrics = { task: number; script: number; layout: number; style: number; heap: number }

/** What a tab has fetched: bytes on the wire by kind, and every request. */
export type Traffic = {
  http: number
  socket: number
  requests: { url: string; type: string; bytes: number }[]
}

type Evaluated<T> = {
  result: { value: T }
  exceptionDetails?: { exception?: { description?: string }; text: string }
}

/** A tab, controlled over the DevTools protocol. */
export class Tab {
  readonly traffic: Traffic = { http: 0, socket: 0, requests: [] }
  readonly #reports = new Map<string, () => void>()
  readonly #reported = new Set<string>()
  readonly #pending = new Map<string, { url: string; type: string }>()

  constructor(
    readonly browser: TabHost,
    readonly targetId: string,
    readonly sessionId: string,
  ) {}

  send<T = unknown>(method: string, params: object = {}): Promise<T> {
    return this.browser.send<T>(method, params, this.sessionId)
  }

  /** Sets up the tab. Called only by `Browser`. */
  async begin(script: string): Promise<void> {
    await Promise.all([
      this.send("Page.enable"),
      this.send("Network.enable"),
      this.send("Runtime.addBinding", { name: "benchReport" }),
      this.send("Performance.enable", { timeDomain: "threadTicks" }),
      this.send("Page.addScriptToEvaluateOnNewDocument", { source: script }),
      this.send("Runtime.enable"),
    ])
  }

  /** Handles an event of this tab. Called only by `Browser`. */
  take(method: string, params: unknown): void {
    const event = params as {
      name?: string
      payload?: string
      requestId?: string
      type?: string
      request?: { url: string }
      encodedDataLength?: number
      response?: { payloadData?: string }
    }
    if (method === "Runtime.bindingCalled" && event.payload !== undefined) this.#receive(event.payload)
    else if (method === "Network.webSocketFrameReceived")
      this.traffic.socket += Buffer.byteLength(event.response?.payloadData ?? "")
    else if (method === "Network.requestWillBeSent" && event.requestId !== undefined)
      this.#pending.set(event.requestId, { url: event.request?.url ?? "", type: event.type ?? "" })
    else if (method === "Network.loadingFinished" && event.requestId !== undefined) {
      const bytes = event.encodedDataLength ?? 0
      this.traffic.http += bytes
      const request = this.#pending.get(event.requestId)
      if (request !== undefined) this.traffic.requests.push({ ...request, bytes })
    }
  }

  #receive(word: string): void {
    const waiting = this.#reports.get(word)
    this.#reports.delete(word)
    if (waiting) waiting()
    else this.#reported.add(word)
  }

  /** Resolves once the page has reported this word. Each report resolves one call. */
  reported(word: string, timeoutMs = 60_000): Promise<void> {
    if (this.#reported.delete(word)) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the page never reported "${word}"`)), timeoutMs)
      this.#reports.set(word, () => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  /** Navigates; resolves when the navigation has been committed. */
  async goTo(url: string): Promise<void> {
    const { errorText } = await this.send<{ errorText?: string }>("Page.navigate", { url })
    if (errorText !== undefined) throw new Error(`${url}: ${errorText}`)
  }

  /** Evaluates an expression, awaiting it if it is a promise. */
  async evaluate<T = unknown>(expression: string): Promise<T> {
    const options = { expression, awaitPromise: true, returnByValue: true }
    const { result, exceptionDetails } = await this.send<Evaluated<T>>("Runtime.evaluate", options)
    if (exceptionDetails !== undefined)
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
    return result.value
  }

  async metrics(): Promise<TabMetrics> {
    const answer = await this.send<{ metrics: { name: string; value: number }[] }>("Performance.getMetrics")
    const of = (name: string) => answer.metrics.find((metric) => metric.name === name)?.value ?? Number.NaN
    return {
      task: of("TaskDuration"),
      script: of("ScriptDuration"),
      layout: of("LayoutDuration"),
      style: of("RecalcStyleDuration"),
      heap: of("JSHeapUsedSize"),
    }
  }

  /** Bytes of live JavaScript objects, after garbage collection. */
  async heapBytes(): Promise<number> {
    await this.send("HeapProfiler.enable")
    // The second collection frees objects that finalizers released in the first one.
    for (let sweep = 0; sweep < 2; sweep++) await this.send("HeapProfiler.collectGarbage")
    const { usedSize } = await this.send<{ usedSize: number }>("Runtime.getHeapUsage")
    return usedSize
  }

  front(): Promise<unknown> {
    return this.browser.send("Target.activateTarget", { targetId: this.targetId })
  }

  async close(): Promise<void> {
    await this.browser.send("Target.closeTarget", { targetId: this.targetId })
    this.browser.forget(this.sessionId)
  }
}
