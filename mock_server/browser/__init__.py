"""The browser runs happen in: finding one, keeping one warm, leasing contexts of it, capturing what they do.

``discovery`` finds or installs an executable, ``provider`` keeps one Chromium and leases
contexts, ``capture`` and its helpers record what happens in one. Nobody else in this
package starts a browser, and this room knows nothing of runs, tasks or HTTP.
"""
