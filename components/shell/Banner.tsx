"use client"

import type { ReactNode } from "react"
import { Button } from "@/components/ui/Button"
import { useConnection } from "@/lib/live/hooks/useConnection"

const reload = () => location.reload()

/** Says what stands between the reader and the present, and offers the way back. Nothing when all is well. */
export function Banner() {
  const phase = useConnection()
  if (phase === "signed_out") {
    return (
      <BannerBar action="Sign in">
        Your session has ended. What is on screen is from before and is no longer kept current.
      </BannerBar>
    )
  }
  if (phase === "stale") {
    return <BannerBar action="Reload">Turnline was updated; this page is of the version before.</BannerBar>
  }
  return null
}

function BannerBar({ action, children }: { action: string; children: ReactNode }) {
  return (
    <div role="alert" className="flex items-center gap-3 border-b border-waiting bg-overlay px-3 py-1.5">
      <span aria-hidden="true" className="h-4 w-1 shrink-0 rounded-small bg-waiting" />
      <p className="min-w-0 flex-1">{children}</p>
      <Button look="solid" onClick={reload}>
        {action}
      </Button>
    </div>
  )
}
