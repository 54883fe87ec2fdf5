module slipway.local/offline/tools/pause

go 1.26.0
