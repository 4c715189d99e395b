import { GeistMono } from "geist/font/mono"
import { GeistSans } from "geist/font/sans"
import type { Metadata, Viewport } from "next"
import { cookies } from "next/headers"
import { connection } from "next/server"
import type { ReactNode } from "react"
import "./globals.css"

export const metadata: Metadata = {
  title: "Turnline",
  description: "What every agent is doing, and whether it is all right.",
  robots: { index: false, follow: false },
  formatDetection: { telephone: false, date: false, address: false, email: false },
}

export const viewport: Viewport = { width: "device-width", initialScale: 1, colorScheme: "light dark" }

export default async function RootLayout({ children }: { children: ReactNode }) {
  // Rendered per request: a prerendered page would carry no nonce and its scripts would be refused.
  await connection()
  // The theme is a cookie, so that the first paint has it and no inline script is needed.
  const theme = (await cookies()).get("turnline_theme")?.value
  return (
    <html
      lang="en"
      className={`${GeistSans.variable} ${GeistMono.variable}`}
      {...(theme === "dark" || theme === "light" ? { "data-theme": theme } : {})}
      suppressHydrationWarning
    >
      <body>{children}</body>
    </html>
  )
}
