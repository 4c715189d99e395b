import { CopyButton } from "@/components/ui/CopyButton"
import { strings } from "./strings"

/** A shell command with a copy button. */
export function CommandLine({ command }: { command: string }) {
  return (
    <div className="flex min-w-0 items-center gap-2 rounded border border-line bg-surface pr-1 pl-3">
      <code className="num min-w-0 flex-1 py-2 break-words whitespace-pre-wrap">
        <span aria-hidden="true" className="text-ink-3 select-none">
          ${" "}
        </span>
        {command}
      </code>
      <CopyButton text={command} label={strings.copyCommand} />
    </div>
  )
}
