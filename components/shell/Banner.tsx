"use client"

import { Button } from "@/components/ui/Button"
import { useConnection } from "@/lib/live/hooks/useConnection"
import { strings } from "./strings"

/** Warns that the page has stopped updating, and offers a reload. Renders nothing otherwise. */
export function Banner() {
  const phase = useConnection()
  if (phase === "signed_out") return <BannerBar text={strings.banner.signedOut} action={strings.signIn} />
  if (phase === "stale") return <BannerBar text={strings.banner.stale} action={strings.reload} />
  return null
}

function BannerBar({ text, action }: { text: string; action: string }) {
  return (
    <div role="alert" className="flex items-center gap-3 border-b border-waiting bg-overlay px-3 py-1.5">
      <span aria-hidden="true" className="h-4 w-1 shrink-0 rounded-small bg-waiting" />
      <p className="min-w-0 flex-1">{text}</p>
      <Button variant="solid" onClick={() => location.reload()}>
        {action}
      </Button>
    </div>
  )
}
