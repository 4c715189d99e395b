import { SignInPage } from "@/components/shell/SignInPage"

export default async function Page({
  searchParams,
}: {
  searchParams: Promise<{ reason?: string | string[] }>
}) {
  const { reason } = await searchParams
  return <SignInPage reason={Array.isArray(reason) ? reason[0] : reason} />
}
