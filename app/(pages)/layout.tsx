import type { ReactNode } from "react"
import { Shell } from "@/components/shell/Shell"
import { strings } from "@/components/shell/strings"
import { pagePath } from "@/lib/live/pagePath"

export default function PagesLayout({ children }: { children: ReactNode }) {
  return (
    <>
      <noscript>
        <p className="border-b border-waiting px-4 py-3 text-list">
          {strings.noScript.text}{" "}
          <code className="num">{pagePath("/api/runs/<run_id>/export?format=jsonl")}</code>
        </p>
      </noscript>
      <Shell>{children}</Shell>
    </>
  )
}
