import type { ReactNode } from "react"

export type EndPageProps = { title: string; children: ReactNode; actions?: ReactNode }

/** A page with only a message: what happened and what to do next. */
export function EndPage({ title, children, actions }: EndPageProps) {
  return (
    <main data-page="end" className="mx-auto flex max-w-lg flex-col gap-3 px-4 pt-[14vh] pb-16">
      <h1 className="text-page font-semibold tracking-tight">{title}</h1>
      <div className="flex flex-col gap-2 text-ink-2">{children}</div>
      {actions === undefined ? null : <div className="flex gap-2 pt-2">{actions}</div>}
    </main>
  )
}
