import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { router } from './app/router.tsx'
import { styleNonce } from './lib/page-meta.ts'
import { queryClient } from './lib/query-client.ts'
import { applyTheme } from './lib/theme.ts'
import './ui/theme.css'

applyTheme()
// Note: where the dialogs' lock of scrolling looks for the nonce of the style element that it adds (package get-nonce).
Object.assign(globalThis, { __webpack_nonce__: styleNonce })
const root = document.getElementById('root')
if (root === null) throw new Error('The page has no place for the app.')
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
)
