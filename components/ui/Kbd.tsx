import type { ReactNode } from "react"

export function Kbd({ children }: { children: ReactNode }) {
  return (
    <kbd className="num inline-flex h-5 min-w-5 items-center justify-center rounded-small border border-line-strong px-1 text-small text-ink-2">
      {children}
    </kbd>
  )
}
