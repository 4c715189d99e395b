import type { StartOperation, UpdateOperation } from "@/lib/dialects/operations"
import type { RunWriter } from "./RunWriter"

type Changes = { intent?: string; labels?: Record<string, string> }

/** The title and labels of a session, including those that its open run doesn't have yet. */
export class SessionDescription {
  private title: string | undefined
  private labels: Record<string, string> = {}
  private unsent: Changes = {}

  constructor(private readonly content: boolean) {}

  update({ intent, labels }: UpdateOperation): void {
    if (intent !== undefined) this.unsent.intent = this.title = intent
    if (labels === undefined) return
    this.labels = { ...this.labels, ...labels }
    this.unsent.labels = { ...this.unsent.labels, ...labels }
  }

  /** Returns the start of a run, with the title and labels known so far. */
  describe(start: StartOperation): StartOperation {
    const intent = this.title ?? (this.content ? start.intent : start.agent_id)
    return { ...start, intent, labels: { ...start.labels, ...this.labels } }
  }

  /**
   * Call this when a run has been started or found. A run that hooks have started lacks what only the session's file
   * contains, so the title and labels are sent.
   */
  started(run: RunWriter, { intent, labels = {} }: StartOperation): void {
    if (run.created) this.unsent = {}
    if (run.created || run.completed) return
    if (run.recordedBy !== undefined) this.unsent = this.title === undefined ? { labels } : { labels, intent }
    else if (run.cursor === 0) this.unsent = { labels, intent }
  }

  takeUnsent(): Changes | undefined {
    const { unsent } = this
    this.unsent = {}
    return Object.keys(unsent).length === 0 ? undefined : unsent
  }
}
