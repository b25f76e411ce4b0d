import { lazy, Suspense } from 'react'
import { useDocumentTitle } from '../../lib/use-document-title.ts'
import { Empty, Loading } from '../../ui/states.tsx'

// Note: the condition is known when the app is built, so that none of it is in what people load.
const Gallery = import.meta.env.DEV ? lazy(() => import('../design-system/gallery.tsx')) : undefined

/** What pages are made of, for those who build them. */
export function Page() {
  useDocumentTitle('Design system')
  return (
    <div className="grid gap-6">
      <h1>Design system</h1>
      {Gallery === undefined ? (
        <Empty title="This page is for those who build the site.">
          It shows what pages are made of, and is there while the web app is being developed.
        </Empty>
      ) : (
        <Suspense fallback={<Loading what="the samples" />}>
          <Gallery />
        </Suspense>
      )}
    </div>
  )
}
