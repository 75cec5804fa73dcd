console.log('hi', import.meta.url)
