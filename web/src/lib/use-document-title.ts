import { useEffect } from 'react'
import { siteName } from './page-meta.ts'

/** Names the page in the tab and to screen readers. */
export function useDocumentTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · ${siteName}`
  }, [title])
}
