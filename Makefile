# Swoop: `make demo` is all it takes. `make help` lists the rest.

# What the demonstration is called with besides.
ARGS ?=

# Where it writes its figures.
JSON ?= batch-vs-thread.json

# The driver's description that the tests run on: lavapipe's, whatever the processor.
ICD ?= /usr/share/vulkan/icd.d/lvp_icd*.json

# More arguments for `swift test`, such as --filter OperationTests.
TEST_ARGS ?=

# Tests keep their assertions but are optimised: that is four times as fast. In a folder of their own,
# so that plain debug builds do not take turns with them.
SWIFT_TEST = swift test --scratch-path .build-test -Xswiftc -O

# Tests that open Vulkan, or a device, for themselves. The validation layer keeps what is open in a
# table without a lock: 1.3.239 crashes if another thread uses any device meanwhile. So these run apart
# from the rest, one after another. One that uses SeparateDevice and is missing here says so.
OPENING := VulkanComputeTests\.|\.(CheckedMode|Check|CoalescedCounter|Command|Counter|Fusion|Plan|Soak)Tests/
OPENING := $(OPENING)|NetworkTests/counters|/manyTasksTakeFewSubmissions|/resultsGoWhenNobodyHoldsThem
OPENING := $(OPENING)|/aTrainingStepIsOneSubmission

# The library appends the validation layer's messages here; the tests fail if there are any.
VALIDATION_LOG := $(CURDIR)/.build/validation.log

SOURCES := Sources Tests Kernels Examples Benchmarks/Package.swift Benchmarks/Benchmarks Package.swift

.PHONY: help setup build demo static benchmark test programs tutorial docs model exchange lint format

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' Makefile

setup: ## install the Debian packages that are missing
	@Scripts/setup.sh

build: ## build everything for release
	swift build -c release

demo: setup build ## measure batching against threading; ARGS="..." for other arguments
	.build/release/BatchVsThread --json '$(JSON)' $(ARGS)

static: setup ## build programs that need no Swift where they run, in .build-static/release
	swift build -c release --static-swift-stdlib --scratch-path .build-static

benchmark: setup ## time single operations; ARGS="--filter REGEX" for some
	cd Benchmarks && swift package benchmark --no-progress $(ARGS)

test: setup ## run the tests, checked and validated, on lavapipe; ICD=... for another driver
	@mkdir -p .build && : > '$(VALIDATION_LOG)'
	@icd=$$(ls $(ICD) 2>/dev/null | head -n 1); \
	if [ -z "$$icd" ]; then echo 'make: no driver at $(ICD)' >&2; exit 1; fi; \
	echo "make: testing on $$icd"; \
	status=0; \
	export VK_DRIVER_FILES="$$icd" VK_ICD_FILENAMES="$$icd"; \
	export SWOOP_CHECKED=1 SWOOP_VALIDATION=1 SWOOP_VALIDATION_LOG='$(VALIDATION_LOG)'; \
	$(SWIFT_TEST) --skip '$(OPENING)' $(TEST_ARGS) || status=$$?; \
	SWOOP_TEST_OPENING=1 $(SWIFT_TEST) --skip-build --no-parallel \
	  --skip '^(?=.*\()(?!.*($(OPENING)))' $(TEST_ARGS) || status=$$?; \
	if [ -s '$(VALIDATION_LOG)' ]; then \
	  echo 'make: the validation layer complains:' >&2; cat '$(VALIDATION_LOG)' >&2; \
	  [ $$status -ne 0 ] || status=1; \
	fi; \
	exit $$status

programs: setup build ## hold the programs to what they promise: bad input, memory, their end
	@Tests/Programs/run.sh

tutorial: setup ## do what the tutorial and the README say, with a copy, in a temporary folder
	@Tests/Programs/follow.sh

# Of the build that the tests are of, so that there is one less.
docs: setup ## make the documentation, in .build/docs; a broken link is an error
	swift build --scratch-path .build-test -Xswiftc -O --target Swoop
	@rm -rf .build/symbols .build/docs && mkdir -p .build/symbols
	@Scripts/symbols.sh Swoop .build-test/debug .build/symbols
	docc convert Sources/Swoop/Swoop.docc --additional-symbol-graph-dir .build/symbols \
	  --output-path .build/docs --warnings-as-errors \
	  --fallback-display-name Swoop --fallback-bundle-identifier swoop

model: ## check the TLA+ models and their mutants
	@SWIFT_TEST='$(SWIFT_TEST)' Tests/Model/run.sh

exchange: ## exchange files with NumPy and safetensors, both ways
	@SWIFT_TEST='$(SWIFT_TEST)' Scripts/exchange.sh

lint: ## check the style of the Swift sources
	swift format lint --strict -r $(SOURCES)

format: ## put the Swift sources into that style
	swift format -i -r $(SOURCES)
