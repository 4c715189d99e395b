import { CopyButton } from "@/components/ui/CopyButton"
import { TerminalText } from "./formats/terminal/TerminalText"

/** What went wrong in a turn, in the agent's own words. */
export function ErrorSection({ error }: { error: { message: string; type?: string | undefined } }) {
  return (
    <section aria-label="Error" className="border-b border-line border-l-2 border-l-error px-3 pb-3">
      <header className="flex h-9 items-center gap-2">
        <h3 className="text-small font-semibold text-error">Error</h3>
        {error.type === undefined ? null : <span className="num text-ink-2">{error.type}</span>}
        <span className="flex-1" />
        <CopyButton text={error.message} label="Copy error" />
      </header>
      <TerminalText text={error.message} />
    </section>
  )
}
