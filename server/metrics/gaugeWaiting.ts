import { Counter, Gauge, type Registry } from "prom-client"
import type { LiveFigures } from "./LiveFigures"

type Waiting = Pick<LiveFigures, "store" | "audit">

/** Adds gauges for everything that is waiting to be written: writes, the search index, the audit log. */
export function gaugeWaiting(registry: Registry, read: () => Waiting): void {
  const gauge = (name: string, help: string, value: (figures: Waiting) => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(value(read()))
      },
    })
  gauge("turnline_write_queue_calls", "Writes waiting for a commit", ({ store }) => store.writes)
  gauge("turnline_write_queue_bytes", "Bytes of turns waiting for a commit", ({ store }) => store.writeBytes)
  gauge(
    "turnline_unsearchable_turns",
    "Stored turns that aren't in the search index yet",
    ({ store }) => store.unsearchable,
  )
  gauge("turnline_audit_waiting_lines", "Audit log lines waiting for the disk", ({ audit }) => audit.waiting)
  new Counter({
    name: "turnline_audit_dropped_lines_total",
    help: "Lines of the audit log dropped because its queue was full",
    registers: [registry],
    collect() {
      this.reset()
      this.inc(read().audit.dropped)
    },
  })
}
