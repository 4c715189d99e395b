"use client"

import Link from "next/link"
import { Button, buttonClass } from "@/components/ui/Button"
import type { WireError } from "@/lib/protocol/codes"

const TITLES: Partial<Record<WireError["code"], string>> = {
  not_found: "No such run",
  forbidden: "This token may not see the run",
  unauthenticated: "You are signed out",
}

/** A run that cannot be shown: what happened, what was kept, what to do. */
export function RunErrorBanner({ runId, error }: { runId: string; error: WireError }) {
  return (
    <main
      data-page="run"
      data-run-id={runId}
      data-error={error.code}
      className="mx-auto flex max-w-lg flex-col gap-3 px-4 pt-[14vh]"
    >
      <h1 className="text-page font-semibold tracking-tight">
        {TITLES[error.code] ?? "This run could not be fetched"}
      </h1>
      <p className="text-ink-2">
        {error.code === "not_found"
          ? "There is no run of this name, it was deleted, or your token may not read its agent's runs."
          : `${error.message} Nothing was lost: the run is kept by the server.`}
      </p>
      <p className="num break-all text-ink-3">{runId}</p>
      <p className="flex gap-2">
        <Link href="/" className={buttonClass()}>
          All runs
        </Link>
        {error.code === "not_found" ? null : (
          <Button onClick={() => window.location.reload()}>Try again</Button>
        )}
      </p>
    </main>
  )
}
