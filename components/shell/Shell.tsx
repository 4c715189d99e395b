"use client"

import { type ReactNode, useEffect, useRef } from "react"
import { Notifications } from "@/components/notifications/Notifications"
import { TooltipProvider } from "@/components/ui/Tooltip"
import { useConnection } from "@/lib/live/hooks/useConnection"
import { LiveProvider } from "@/lib/live/LiveProvider"
import { Banner } from "./Banner"
import { useKeys } from "./keys/useKeys"
import { LiveRegion } from "./LiveRegion"
import { adoptNonce } from "./nonce"
import { ShellDialogs } from "./ShellDialogs"
import { readSingleKeys, shell } from "./shellStore"
import { TopBar } from "./TopBar"
import { toggleTheme } from "./theme"

/** The frame around every page: the connection, the top bar, the dialogs that any page can open. */
export function Shell({ children }: { children: ReactNode }) {
  useEffect(() => {
    adoptNonce()
    readSingleKeys()
  }, [])
  return (
    <LiveProvider>
      <TooltipProvider>
        <a
          href="#page"
          className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-overlay focus:px-3 focus:py-2"
        >
          Skip to the page
        </a>
        <ShellHeader />
        <Page>{children}</Page>
        <LiveRegion />
        <ShellDialogs />
        <ShellKeys />
        <Notifications />
      </TooltipProvider>
    </LiveProvider>
  )
}

/** Says how tall it is to what sticks under it: a banner makes it taller. */
function ShellHeader() {
  const header = useRef<HTMLElement>(null)
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      const height = entry?.borderBoxSize[0]?.blockSize ?? 40
      document.documentElement.style.setProperty("--header", `${height}px`)
    })
    if (header.current !== null) observer.observe(header.current)
    return () => observer.disconnect()
  }, [])
  return (
    <header ref={header} className="sticky top-0 z-30 bg-bg">
      <TopBar />
      <Banner />
    </header>
  )
}

function Page({ children }: { children: ReactNode }) {
  const old = useConnection() === "signed_out"
  return (
    <div id="page" tabIndex={-1} className={old ? "opacity-60 grayscale outline-none" : "outline-none"}>
      {children}
    </div>
  )
}

function ShellKeys() {
  useKeys({
    "mod+k": () => shell.setState((state) => ({ goTo: !state.goTo })),
    "?": () => shell.setState({ keys: true }),
    t: toggleTheme,
  })
  return null
}
