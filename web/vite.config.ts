import tailwind from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const SERVER = 'http://localhost:4000'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), tailwind()],
  // Note: the server puts a fresh nonce in its place with every page (C40).
  html: { cspNonce: '__NONCE__' },
  build: { target: 'es2022', outDir: 'dist', emptyOutDir: true, sourcemap: false },
  // Note: the server takes cookies from pages of its own address only (C38).
  server: { proxy: { '/api': { target: SERVER, headers: { origin: SERVER } } } },
})
