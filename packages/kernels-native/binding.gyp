{
  "targets": [{
    "target_name": "lensfield",
    "sources": ["<!@(node -p \"require('fs').readdirSync('csrc').filter(f=>f.endsWith('.c')).map(f=>'csrc/'+f).join(' ')\")"],
    "cflags": ["-O3", "-std=gnu11", "-fvisibility=hidden", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=fast", "-Wall"],
    "conditions": [
      ["OS=='linux'", { "cflags": ["-march=native", "--param max-completely-peeled-insns=1000"], "ldflags": ["-pthread"] }],
      ["OS=='mac'", {
        "xcode_settings": {
          "GCC_OPTIMIZATION_LEVEL": "3",
          "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
          "OTHER_CFLAGS": ["-std=gnu11", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=fast"]
        }
      }]
    ]
  }]
}
