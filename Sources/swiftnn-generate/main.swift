import SwiftNN
print(Registry.operations.count)
