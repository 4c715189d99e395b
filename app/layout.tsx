import { GeistMono } from "geist/font/mono"
import { GeistSans } from "geist/font/sans"
import type { Metadata, Viewport } from "next"
import { cookies } from "next/headers"
import { connection } from "next/server"
import type { ReactNode } from "react"
import { strings } from "@/components/shell/strings"
import { themeCookie } from "@/components/shell/themeCookie"
import "./globals.css"
import { basePath } from "@/lib/live/pagePath"

export const metadata: Metadata = {
  title: strings.product,
  description: strings.tagline,
  robots: { index: false, follow: false },
  formatDetection: { telephone: false, date: false, address: false, email: false },
}

export const viewport: Viewport = { width: "device-width", initialScale: 1, colorScheme: "light dark" }

export default async function RootLayout({ children }: { children: ReactNode }) {
  // Pages are rendered per request. A prerendered page would have no nonce, so its scripts would be blocked.
  await connection()
  // The theme is stored in a cookie, so that the first paint uses it without an inline script.
  const theme = (await cookies()).get(themeCookie())?.value
  return (
    <html
      lang="en"
      className={`${GeistSans.variable} ${GeistMono.variable}`}
      data-base-path={basePath() || undefined}
      {...(theme === "dark" || theme === "light" ? { "data-theme": theme } : {})}
      suppressHydrationWarning
    >
      <body>{children}</body>
    </html>
  )
}
