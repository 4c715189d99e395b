"use client"

import { ErrorPage } from "@/components/shell/ErrorPage"

export default function PageError({
  error,
  reset,
}: {
  error: Error & { digest?: string }
  reset: () => void
}) {
  return <ErrorPage error={error} onRetry={reset} />
}
