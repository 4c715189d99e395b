"use client"

import { ArrowLeftRight } from "lucide-react"
import { useSearchParams } from "next/navigation"
import { useCallback, useEffect, useMemo, useRef, useState } from "react"
import { CopyButton } from "@/components/ui/CopyButton"
import { useFillHeight } from "@/components/ui/hooks/useFillHeight"
import { useMounted } from "@/components/ui/hooks/useMounted"
import { IconButton } from "@/components/ui/IconButton"
import { ComparedRuns, type ComparePreferences } from "./ComparedRuns"
import { CompareNumbers } from "./CompareNumbers"
import { RunPicker } from "./choose/RunPicker"
import { type Side, SideHead } from "./choose/SideHead"
import styles from "./compare.module.css"
import {
  type CompareAddress,
  compareHref,
  type PairRef,
  readCompareAddress,
  swapSides,
} from "./compareAddress"
import { strings } from "./strings"

/** Two runs side by side, aligned by their steps. */
export function ComparePage() {
  const mounted = useMounted()
  return mounted ? <Compared /> : <main data-page="compare" aria-busy="true" />
}

function Compared() {
  const { address, go } = useCompareAddress()
  const { a, b } = address
  const [preferences, setPreferences] = useState<ComparePreferences>({ grade: "steps", folds: false })
  const main = useRef<HTMLElement>(null)
  useFillHeight(main)
  useEffect(() => {
    document.title = strings.documentTitle
  }, [])
  const at = useCallback(
    (pair: PairRef | undefined): CompareAddress => ({
      ...(a !== undefined && { a }),
      ...(b !== undefined && { b }),
      ...(pair && { pair }),
    }),
    [a, b],
  )
  const onPair = useCallback((pair: PairRef | undefined) => go(at(pair), "replace"), [at, go])
  const swap = (pair: PairRef | undefined) => go(swapSides(at(pair)), "replace")
  return (
    <main
      ref={main}
      data-page="compare"
      data-run-a={a}
      data-run-b={b}
      className="flex min-h-80 flex-col overflow-hidden max-sm:overflow-y-auto [font-variant-ligatures:none]"
    >
      <header className="shrink-0 border-b border-line">
        <div className="flex h-9 items-center gap-2 px-3">
          <h1 className="font-semibold">{strings.title}</h1>
          <span className="flex-1" />
          <IconButton
            label={strings.swap}
            keys="s"
            onClick={() => swap(address.pair)}
            disabled={a === undefined && b === undefined}
          >
            <ArrowLeftRight />
          </IconButton>
          <CopyButton text={() => window.location.href} label={strings.copyLink} />
        </div>
        <div className={`grid border-t border-line max-sm:divide-y max-sm:divide-line ${styles.heads}`}>
          <SideSlot side="a" address={address} go={go} />
          <SideSlot side="b" address={address} go={go} />
        </div>
        {a === undefined || b === undefined ? null : <CompareNumbers runA={a} runB={b} />}
      </header>
      {a === undefined || b === undefined ? (
        <p className="p-3 text-ink-2">
          {a === undefined && b === undefined ? strings.chooseBoth : strings.chooseOther}
        </p>
      ) : (
        <ComparedRuns
          key={`${a} ${b}`}
          runA={a}
          runB={b}
          start={address.pair}
          onPair={onPair}
          onSwap={swap}
          preferences={preferences}
          onPreferences={setPreferences}
        />
      )}
    </main>
  )
}

type SideSlotProps = { side: Side; address: CompareAddress; go: (next: CompareAddress) => void }

function SideSlot({ side, address, go }: SideSlotProps) {
  const { pair: _, ...runs } = address
  const runId = runs[side]
  const other = runs[side === "a" ? "b" : "a"]
  if (runId === undefined)
    return <RunPicker side={side} other={other} onPick={(id) => go({ ...runs, [side]: id })} />
  const clear = () => {
    const { [side]: __, ...rest } = runs
    go(rest)
  }
  return <SideHead key={runId} side={side} runId={runId} onClear={clear} />
}

/** Returns the state in the URL, and a function that changes it. With `replace`, a change adds no history entry. */
function useCompareAddress(): {
  address: CompareAddress
  go: (next: CompareAddress, how?: "push" | "replace") => void
} {
  const params = useSearchParams()
  const address = useMemo(() => readCompareAddress(params), [params])
  const go = useCallback((next: CompareAddress, how: "push" | "replace" = "push") => {
    if (how === "push") window.history.pushState(null, "", compareHref(next))
    else if (compareHref(next) !== location.pathname + location.search)
      window.history.replaceState(null, "", compareHref(next))
  }, [])
  return { address, go }
}
