"use client"

import { ErrorPage } from "@/components/shell/ErrorPage"
import "./globals.css"

export default function GlobalError({
  error,
  reset,
}: {
  error: Error & { digest?: string }
  reset: () => void
}) {
  return (
    <html lang="en">
      <body>
        <ErrorPage error={error} onRetry={reset} />
      </body>
    </html>
  )
}
