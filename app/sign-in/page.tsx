import { SignInPage } from "@/components/shell/SignInPage"

type Query = { reason?: string | string[]; next?: string | string[] }

export default async function Page({ searchParams }: { searchParams: Promise<Query> }) {
  const { reason, next } = await searchParams
  return <SignInPage reason={one(reason)} next={one(next)} />
}

function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value
}
