"use client"

import { Search, SunMoon } from "lucide-react"
import Link from "next/link"
import { usePathname } from "next/navigation"
import type { ReactNode } from "react"
import { Badge } from "@/components/ui/Badge"
import { Button } from "@/components/ui/Button"
import { IconButton } from "@/components/ui/IconButton"
import { useSession } from "@/lib/live/hooks/useConnection"
import { pagePath, withoutBasePath } from "@/lib/live/pagePath"
import { ConnectionMark } from "./ConnectionMark"
import { useIsMac } from "./keys/useIsMac"
import { ShellMenu } from "./ShellMenu"
import { shell } from "./shellStore"
import { strings } from "./strings"
import { toggleTheme } from "./theme"

const openGoTo = () => shell.setState({ goToOpen: true })

/** Navigation, connection state, and the controls available on every page. */
export function TopBar() {
  const mac = useIsMac()
  const isDemo = useSession()?.demo === true
  return (
    <div className="flex h-10 items-center gap-1 border-b border-line px-3">
      <Link
        href={pagePath("/")}
        prefetch={false}
        className="flex items-center gap-2 pr-2 font-semibold tracking-tight max-sm:pr-0"
      >
        <Logo />
        <span className="max-sm:sr-only">{strings.product}</span>
      </Link>
      <nav aria-label={strings.nav.label} className="flex h-full items-stretch gap-1">
        <PageLink to="/">{strings.nav.runs}</PageLink>
        <PageLink to="/connect">{strings.nav.connect}</PageLink>
      </nav>
      {isDemo ? <Badge title={strings.demo.title}>{strings.demo.badge}</Badge> : null}
      <ConnectionMark />
      <div className="flex items-center gap-1">
        <Button variant="ghost" onClick={openGoTo}>
          <Search className="size-4" aria-hidden="true" />
          <span className="max-md:sr-only">
            {strings.goTo.title}
            <span className="sr-only">{strings.goTo.what}</span>
          </span>
          <span aria-hidden="true" className="num text-ink-3 max-md:hidden">
            {mac ? "⌘K" : "Ctrl K"}
          </span>
        </Button>
        <IconButton label={strings.theme} keys="t" onClick={toggleTheme}>
          <SunMoon />
        </IconButton>
        <ShellMenu />
      </div>
    </div>
  )
}

function PageLink({ to, children }: { to: `/${string}`; children: ReactNode }) {
  const isCurrent = withoutBasePath(usePathname()) === to
  return (
    <Link
      href={pagePath(to)}
      prefetch={false}
      aria-current={isCurrent ? "page" : undefined}
      className="-mb-px flex items-center border-b-2 border-transparent px-2 text-ink-2 hover:text-ink aria-[current=page]:border-accent aria-[current=page]:text-ink"
    >
      {children}
    </Link>
  )
}

function Logo() {
  return (
    <svg viewBox="0 0 18 18" width="18" height="18" fill="none" stroke="currentColor" aria-hidden="true">
      <path
        d="M2 4h7M2 9h14M2 14h5"
        strokeWidth="2"
        strokeLinecap="round"
        className="text-accent"
        stroke="var(--accent)"
      />
      <circle cx="12" cy="14" r="2" fill="currentColor" stroke="none" />
    </svg>
  )
}
