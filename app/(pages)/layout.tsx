import type { ReactNode } from "react"
import { NoScript } from "@/components/shell/NoScript"
import { Shell } from "@/components/shell/Shell"

export default function PagesLayout({ children }: { children: ReactNode }) {
  return (
    <>
      <NoScript />
      <Shell>{children}</Shell>
    </>
  )
}
