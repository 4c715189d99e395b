"use client"

import { type ReactNode, useEffect, useRef } from "react"
import { useStore } from "zustand"
import { Notifications } from "@/components/notifications/Notifications"
import { TooltipLayer } from "@/components/ui/tooltip/TooltipLayer"
import { useConnection } from "@/lib/live/hooks/useConnection"
import { LiveProvider } from "@/lib/live/LiveProvider"
import { announcement } from "./announce"
import { Banner } from "./Banner"
import { useKeys } from "./keys/useKeys"
import { ShellDialogs } from "./ShellDialogs"
import { shell } from "./shellStore"
import { strings } from "./strings"
import { TopBar } from "./TopBar"
import { toggleTheme } from "./theme"

/** The frame around every page: connection, top bar, and the dialogs that any page can open. */
export function Shell({ children }: { children: ReactNode }) {
  useEffect(() => {
    adoptNonce()
    void shell.persist.rehydrate()
  }, [])
  return (
    <LiveProvider>
      <a
        href="#page"
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-overlay focus:px-3 focus:py-2"
      >
        {strings.skipToPage}
      </a>
      <ShellHeader />
      <Page>{children}</Page>
      <LiveRegion />
      <ShellDialogs />
      <ShellKeys />
      <Notifications />
      <TooltipLayer />
    </LiveProvider>
  )
}

/** Publishes its height as `--header`, for elements that stick below it. A banner changes the height. */
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
  const isSignedOut = useConnection() === "signed_out"
  return (
    <div
      id="page"
      tabIndex={-1}
      className={isSignedOut ? "opacity-60 grayscale outline-none" : "outline-none"}
    >
      {children}
    </div>
  )
}

/** The only live region of the page. */
function LiveRegion() {
  const text = useStore(announcement, (state) => state.text)
  return (
    <div role="status" aria-live="polite" className="sr-only">
      {text}
    </div>
  )
}

function ShellKeys() {
  useKeys({
    "mod+k": () => shell.setState((state) => ({ goToOpen: !state.goToOpen })),
    "?": () => shell.setState({ keysOpen: true }),
    t: toggleTheme,
  })
  return null
}

declare global {
  // Radix's scroll lock reads this global variable to get the nonce for the style element that it inserts.
  var __webpack_nonce__: string | undefined
}

/**
 * Passes the page's nonce to libraries that insert styles. Scripts can read the `nonce` property, not the attribute.
 */
function adoptNonce(): void {
  const nonce = document.querySelector<HTMLScriptElement>("script[nonce]")?.nonce
  if (nonce) globalThis.__webpack_nonce__ = nonce
}
