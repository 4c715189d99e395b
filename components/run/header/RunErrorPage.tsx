"use client"

import Link from "next/link"
import { strings } from "@/components/run/strings"
import { Button, buttonClass } from "@/components/ui/Button"
import { pagePath } from "@/lib/live/pagePath"
import type { WireError } from "@/lib/protocol/codes"

const TEXT = strings.error
const TITLES: Partial<Record<WireError["code"], string>> = {
  not_found: TEXT.not_found,
  invalid_params: TEXT.not_found,
  forbidden: TEXT.forbidden,
  unauthenticated: TEXT.unauthenticated,
}

/** Shown instead of a run that can't be loaded: the reason, and what to do. */
export function RunErrorPage({ runId, error }: { runId: string; error: WireError }) {
  const isMissing = error.code === "not_found" || error.code === "invalid_params"
  return (
    <main
      data-page="run"
      data-run-id={runId}
      data-error={error.code}
      className="mx-auto flex max-w-lg flex-col gap-3 px-4 pt-[14vh]"
    >
      <h1 className="text-page font-semibold tracking-tight">{TITLES[error.code] ?? TEXT.other}</h1>
      <p className="text-ink-2">{isMissing ? TEXT.notFound : TEXT.reason(error.message)}</p>
      <p className="num break-all text-ink-3">{runId}</p>
      <p className="flex gap-2">
        <Link href={pagePath("/")} className={buttonClass()}>
          {TEXT.allRuns}
        </Link>
        {isMissing ? null : <Button onClick={() => window.location.reload()}>{TEXT.tryAgain}</Button>}
      </p>
    </main>
  )
}
