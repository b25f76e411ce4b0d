import type { ErrorComponentProps } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { sentenceOf } from '../../lib/problem.ts'
import { reloadIfStale } from '../../lib/stale-app.ts'
import { useDocumentTitle } from '../../lib/use-document-title.ts'
import { Button } from '../../ui/button.tsx'

/** For a page that could not be shown. */
export function ErrorPage({ error }: ErrorComponentProps) {
  useDocumentTitle('Something went wrong')
  const [isReloading, setReloading] = useState(false)
  useEffect(() => setReloading(reloadIfStale()), [])
  if (isReloading) return null
  return (
    <main id="content" className="mx-auto grid max-w-xl justify-items-start gap-4 px-4 py-16">
      <h1>This page could not be shown</h1>
      <p>{sentenceOf(error)}</p>
      <Button kind="primary" onClick={() => location.reload()}>
        Load it again
      </Button>
    </main>
  )
}
