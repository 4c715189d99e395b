"use client"

import { X } from "lucide-react"
import Link from "next/link"
import { useRouter } from "next/navigation"
import { useEffect } from "react"
import { useStore } from "zustand"
import { useKeys } from "@/components/shell/keys/useKeys"
import { buttonClass } from "@/components/ui/Button"
import { IconButton } from "@/components/ui/IconButton"
import { spokenLine } from "@/components/ui/text/spokenLine"
import { useLive } from "@/lib/live/LiveProvider"
import { chooseToCompare, compareChoice } from "./choose/compareChoice"
import { SideName } from "./choose/SideHead"
import { compareHref } from "./compareAddress"
import { strings } from "./strings"

/**
 * Shows the first run chosen for a comparison until the second one is chosen.
 *
 * @param activeRun returns the run that the `c` key chooses.
 */
export function CompareBar({ activeRun }: { activeRun: () => string | undefined }) {
  const router = useRouter()
  const live = useLive()
  const first = useStore(compareChoice, (state) => state.first)
  // The choice is dropped when the viewer leaves the page without choosing a second run.
  useEffect(() => () => compareChoice.setState({ first: undefined }), [])
  useKeys({
    c: () => {
      const runId = activeRun()
      const run = runId === undefined ? undefined : live.runs.getState().byId.get(runId)
      if (run === undefined) return false
      const href = chooseToCompare(run.run_id, run.intent)
      if (href !== undefined) router.push(href)
      return true
    },
  })
  if (first === undefined) return null
  return (
    <aside
      aria-label={strings.bar.label}
      className="fixed inset-x-3 bottom-3 z-30 mx-auto flex w-fit max-w-[calc(100vw-24px)] animate-rise items-center gap-2 rounded border border-line-strong bg-overlay py-1 pr-1 pl-2 shadow-float"
    >
      <SideName side="a" />
      <span className="min-w-0 max-w-80 truncate">{spokenLine(first.intent, 160)}</span>
      <span className="shrink-0 text-ink-2 max-sm:hidden">{strings.bar.instruction}</span>
      <Link href={compareHref({ a: first.runId })} prefetch={false} className={buttonClass()}>
        {strings.bar.search}
      </Link>
      <IconButton label={strings.bar.cancel} onClick={() => compareChoice.setState({ first: undefined })}>
        <X />
      </IconButton>
    </aside>
  )
}
