import Link from "next/link"
import { memo } from "react"
import { runPath } from "@/components/ui/runPath"
import { StateShape } from "@/components/ui/state/StateShape"
import { exactTime } from "@/components/ui/text/exactTime"
import { oneLine } from "@/components/ui/text/showControls"
import { CODE_MESSAGES } from "@/lib/protocol/codes"
import type { IngestNote } from "@/lib/protocol/events"
import { sizeText } from "@/lib/trace/formatNumber"
import { strings } from "./strings"

/** One message: time, result, event, agent, size and run. */
export const IngestRow = memo(function IngestRow({ note }: { note: IngestNote }) {
  return (
    <li className="border-b border-line" data-ok={note.ok}>
      <div className="num flex min-h-6 min-w-0 items-center gap-x-3">
        <time dateTime={note.at} title={exactTime(note.at)} className="shrink-0 text-ink-3">
          {clock(note.at)}
        </time>
        <span className={`flex shrink-0 items-center gap-1 ${note.ok ? "text-success" : "text-failure"}`}>
          <StateShape shape={note.ok ? "success" : "failure"} />
          {note.ok ? strings.log.accepted : strings.log.rejected}
        </span>
        <span className="min-w-0 truncate sm:w-48 sm:shrink-0">{oneLine(note.event, 120)}</span>
        <span className="ml-auto min-w-0 truncate text-ink-2 sm:ml-0 sm:flex-1">
          {oneLine(note.agent_id ?? "", 128)}
        </span>
        <span className="w-20 shrink-0 text-right whitespace-nowrap text-ink-3 max-sm:hidden">
          {sizeText(note.bytes)}
        </span>
        <span className="w-20 shrink-0 text-right">
          {note.run_id === undefined ? null : (
            <Link
              href={runPath(note.run_id)}
              prefetch={false}
              title={oneLine(note.run_id)}
              className="flex h-6 items-center justify-end text-accent hover:underline"
            >
              …{oneLine(note.run_id).slice(-8)}
            </Link>
          )}
        </span>
      </div>
      {note.ok ? null : <Refusal note={note} />}
    </li>
  )
})

function Refusal({ note }: { note: IngestNote }) {
  const known = CODE_MESSAGES[note.code as keyof typeof CODE_MESSAGES] as string | undefined
  return (
    <div className="pb-1 pl-[76px] text-ink-2 max-sm:pl-0">
      <p>
        {note.code === undefined ? null : <code className="num text-failure">{oneLine(note.code, 60)}</code>}{" "}
        {oneLine(note.message ?? known ?? "", 400)}
        {note.event === "connect" && note.code === "unauthenticated" ? ` ${strings.log.tokenHint}` : null}
      </p>
      {note.issues?.slice(0, 8).map((issue) => (
        <p key={`${issue.path} ${issue.message}`} className="num">
          <span className="text-ink">{oneLine(issue.path, 120) || strings.log.wholeMessage}</span>:{" "}
          {oneLine(issue.message, 240)}
        </p>
      ))}
    </div>
  )
}

function clock(iso: string): string {
  const date = new Date(iso)
  return Number.isNaN(date.getTime()) ? "" : date.toTimeString().slice(0, 8)
}
